// SPDX-License-Identifier: Apache-2.0
#include "tests/exchange/files.hpp"

namespace trellis::clients {
namespace {

constexpr const char* manifest =
    "propertyName,value\r\n"
    "manifest.version,1.0\r\n"
    "oneroster.version,1.1\r\n"
    "file.academicSessions,bulk\r\n"
    "file.categories,absent\r\n"
    "file.classes,bulk\r\n"
    "file.courses,bulk\r\n"
    "file.demographics,bulk\r\n"
    "file.enrollments,bulk\r\n"
    "file.orgs,bulk\r\n"
    "file.users,bulk\r\n";
constexpr const char* orgs =
    "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\r\n"
    "D1,,,Made-up District,district,1000,\r\n"
    "S1,,,Harbor School,school,1001,D1\r\n"
    "S2,,,Hill School,school,,D1\r\n";
constexpr const char* sessions =
    "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear\r\n"
    "Y1,,,2026-2027,schoolYear,2026-08-17,2027-06-04,,2027\r\n";
constexpr const char* courses =
    "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,"
    "subjects,subjectCodes\r\n"
    "C1,,,Y1,Homeroom 1,HR1,01,S1,,\r\n";
constexpr const char* users =
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,"
    "familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\r\n"
    "T1,,,true,S1,teacher,ttee,,Tara,Tee,,9001,tara@example.org,,555-0100,,,\r\n"
    "A1,,,true,\"D1,S1\",administrator,aadm,,Ada,Min,,,,,,,,\r\n"
    "K1,,,true,S1,student,k1,{Id:1},Kim,Reyes,J,0012345,,,,\"P1,P2\",01,\r\n"
    "K2,,,true,\"D1,S1\",student,k2,,Lee,Reyes,,0012346,,,,\"P2,P1\",KG,\r\n"
    "K3,,,true,S2,student,k3,,Max,\"Núñez, Jr\",,0012347,,,,,09,\r\n"
    "P1,,,true,S1,parent,p1,,Ana,Reyes,,,ana@example.org,555-0101,555-0102,K1,,\r\n"
    "P2,,,true,S1,guardian,p2,,Ben,Ortiz,,,,,555-0103,,,\r\n"
    "P3,,,true,S2,relative,p3,,Eva,Núñez,,,,,,K3,,\r\n"
    "P4,,,true,S2,parent,p4,,Fay,Lone,,,,,555|0104,,,\r\n";
constexpr const char* classes =
    "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
    "schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods\r\n"
    "H1,,,Room 12,01,C1,HR1-1,homeroom,,S1,Y1,,,\r\n"
    "M1,,,Music,01,C1,MU1,scheduled,,S1,Y1,,,\r\n";
constexpr const char* demographics =
    "sourcedId,status,dateLastModified,birthDate,sex\r\n"
    "K1,,,2019-02-28,female\r\n"
    "K2,,,2020-02-29,\r\n";
constexpr const char* enrollments =
    "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,"
    "beginDate,endDate\r\n"
    "E1,,,H1,S1,T1,teacher,true,2026-08-17,2027-06-04\r\n"
    "E2,,,H1,S1,K1,student,,2026-08-18,2027-06-04\r\n"
    "E3,,,M1,S1,K1,student,,2026-08-17,2027-06-04\r\n"
    "E4,,,M1,S1,K2,student,,,\r\n";

}  // namespace

Files small_package() {
    return {{"manifest.csv", bytes_of(manifest)},
            {"orgs.csv", bytes_of(orgs)},
            {"academicSessions.csv", bytes_of(sessions)},
            {"courses.csv", bytes_of(courses)},
            {"users.csv", bytes_of(users)},
            {"classes.csv", bytes_of(classes)},
            {"demographics.csv", bytes_of(demographics)},
            {"enrollments.csv", bytes_of(enrollments)}};
}

}  // namespace trellis::clients
